import { IrkProvider } from '@irk/browser/next';

export default function App({ Component, pageProps }) {
  return (
    <IrkProvider options={{ key: 'irk_pk_your_project', endpoint: 'http://127.0.0.1:8000/v1/events' }}>
      <Component {...pageProps} />
    </IrkProvider>
  );
}
