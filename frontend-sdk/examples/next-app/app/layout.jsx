import { IrkProvider } from '@irk/browser/next';

export const metadata = { title: 'Orders' };

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        <IrkProvider options={{ key: 'irk_pk_your_project', endpoint: 'http://127.0.0.1:8000/v1/events' }}>
          {children}
        </IrkProvider>
      </body>
    </html>
  );
}
