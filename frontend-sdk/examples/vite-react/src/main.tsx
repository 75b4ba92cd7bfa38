import { preset } from '@irk/browser';
import { IrkProvider } from '@irk/browser/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';

const options = { key: 'irk_pk_your_project', endpoint: 'http://127.0.0.1:8000/v1/events', capture: preset() };

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <IrkProvider options={options}>
      <App />
    </IrkProvider>
  </StrictMode>,
);
