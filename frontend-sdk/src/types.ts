/** Something that can be recorded. Called at the start, attaches itself to the page. */
export type Capture = () => void;

export interface Options {
  /** The project's public key, `irk_pk_…`. It can write events and read nothing. */
  key: string;
  /** Where events go. Default: `/v1/events` on the page's own origin. */
  endpoint?: string;
  /** Version of the app, so that an incident can be blamed on a release. */
  release?: string;
  /** Such as `production`. */
  environment?: string;
  /** What to record. What is not imported is not in the bundle. `preset()` is everything. */
  capture?: Capture[];
  /** `'required'`: nothing is recorded or stored before `consent(true)`. Default: `'implied'`. */
  consent?: 'required' | 'implied';
  /** Share of sessions to record, 0 to 1. A session is recorded whole or not at all. Default: 1. */
  sample?: number;
  /** Names the route of a path, `/orders/8412` → `/orders/:id`. Of what it does not name, segments that look like ids are replaced. */
  route?: (path: string) => string | undefined;
}
