import posthog from 'posthog-js';
import 'posthog-js/dist/dead-clicks-autocapture';

posthog.init('phc_bench', {
  api_host: `${location.origin}/sink/posthog`,
  capture_dead_clicks: true,
  capture_performance: { web_vitals: false },
  disable_session_recording: true,
  advanced_disable_flags: true,
  disable_external_dependency_loading: true,
  // It takes a headless browser for a robot.
  opt_out_useragent_filter: true,
});
