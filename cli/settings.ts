import { OPEN_ROUTES } from '../receiver/open-routes.ts'
import { ALGORITHMS } from '../receiver/webhook/schemes/asymmetric.ts'

/** Every setting of our own, with what it is for. `filter-ledger serve --help` prints this table. */
export const SETTINGS = {
  FILTER_LEDGER_HOST: 'address to listen on (default 127.0.0.1)',
  FILTER_LEDGER_PORT: 'port to listen on (default 8080; 0 takes a free one)',
  FILTER_LEDGER_DATA: 'folder of the ledger and the keys (default ./data)',
  FILTER_LEDGER_DB: 'the ledger file (default <data>/ledger.db)',
  FILTER_LEDGER_KEYS: 'the keys folder (default <data>/keys)',
  FILTER_LEDGER_CHECKPOINT_KEY:
    'the key that signs checkpoints: a JWK or PEM text, or a file with one (default: the keys folder)',
  FILTER_LEDGER_ORIGIN:
    'name of the ledger in its checkpoints, for a checkpoint key that has none, or is to be made',
  FILTER_LEDGER_CHECKPOINT_FILE:
    'keeps the newest checkpoint outside of the ledger; all that writes compares',
  FILTER_LEDGER_WITNESSES: 'file of witnesses, a line each: its https URL, a space, its verifier key',
  FILTER_LEDGER_WITNESS_QUORUM: 'cosignatures that a checkpoint needs before it is published (default 0)',
  FILTER_LEDGER_OPEN: `read without a token, comma-separated, of ${OPEN_ROUTES.join(', ')}, or none (default checkpoint,tiles,proofs)`,
  FILTER_LEDGER_ENVIRONMENT: 'the environment that entries name (default production)',
  FILTER_LEDGER_ORGANIZATION_ID: 'the Genesys organization that deployments name',
  FILTER_LEDGER_PUBLIC_URL: 'https URL under which Genesys reaches this receiver',
  FILTER_LEDGER_SOURCES: 'JSON file of webhook sources, each with its scheme and keys (docs/webhooks.md)',
  FILTER_LEDGER_WEBHOOK_JWKS:
    'short for one source `genesys` of scheme jws: its keys, an https URL or a file',
  FILTER_LEDGER_WEBHOOK_ALGORITHMS: `of that source: comma-separated, of ${ALGORITHMS.join(', ')} (default all)`,
  FILTER_LEDGER_WEBHOOK_TOLERANCE_SECONDS:
    'of that source: how far a signature may lie from now (default 300)',
  FILTER_LEDGER_SUBSCRIPTION_SOURCE: 'the source whose route is subscribed (default genesys)',
  FILTER_LEDGER_REFUSALS_PER_MINUTE:
    'refused deliveries that one address may send before it gets 429 (default 600)',
  FILTER_LEDGER_DELIVERIES_UNDER_WAY: 'deliveries that are worked on at once (default 1024)',
  FILTER_LEDGER_QUEUE: 'entries that may wait for a commit (default 8192)',
  FILTER_LEDGER_TRUST_PROXY:
    'addresses or networks of proxies whose X-Forwarded-For is believed (default none)',
  FILTER_LEDGER_SUBSCRIPTION: 'shared or per-filter (default shared)',
  FILTER_LEDGER_DEADLINE_MS: 'the longest a deployment may take (default 25000)',
  FILTER_LEDGER_ANSWER_WITHIN_MS:
    'how long a data action waits for a change before it answers `accepted` (default 700)',
  FILTER_LEDGER_REQUESTS_PER_MINUTE:
    'requests to Genesys Cloud in any minute, at most; it takes 300 of a client (default 270)',
  FILTER_LEDGER_RECONCILE_MINUTES:
    'how often the live filters are compared with the ledger (default 60; 0 = never)',
  FILTER_LEDGER_ALARM_URL:
    'where an alarm is posted to: https, or http on this machine (default: nowhere; docs/alarms.md)',
  FILTER_LEDGER_ALARM_SECRET: 'signs what is posted there, as Standard Webhooks does: whsec_…',
  FILTER_LEDGER_ALARM_DEMOTE: 'on: a filter in alarm is set to flag_and_pass by itself (default off)',
  FILTER_LEDGER_MUST_BLOCK:
    'categories, comma-separated: a filter that has one is never demoted by an alarm (default none)',
  FILTER_LEDGER_FILTERS_PATH: 'path of the filter API (default: the manifest)',
  FILTER_LEDGER_SUBSCRIPTIONS_PATH: 'path of the subscription API (default: the manifest)',
  FILTER_LEDGER_BODY_LIMIT: 'bytes of a request body (default 262144)',
  FILTER_LEDGER_DRAIN_MS: 'how long a stop waits for requests (default 10000)',
  FILTER_LEDGER_TOKEN_MINUTES: 'how long a token of POST /oauth/token is good for (default 15; 1 to 1440)',
  FILTER_LEDGER_TOKEN: 'access token that `deploy --receiver` sends',
  FILTER_LEDGER_INSTALL_TOKEN:
    "the token, API key or OAuth client's secret that `actions install` hands to Genesys Cloud",
  FILTER_LEDGER_OTLP_URL:
    'OTLP/HTTP endpoint that metrics are sent to, such as https://collector:4318/v1/metrics',
  FILTER_LEDGER_OTLP_HEADERS: 'headers for it, comma-separated name=value, percent-encoded; needs https',
  FILTER_LEDGER_OTLP_SECONDS: 'how often they are sent (default 60; 5 to 3600)',
  FILTER_LEDGER_LOG_LEVEL: 'debug, info, warn, error or silent (default info)',
} as const
export type Setting = keyof typeof SETTINGS
