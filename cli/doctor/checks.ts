import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { checkApi, checkQuota, checkSubscription } from './check-apis.ts'
import { checkClock } from './check-clock.ts'
import { checkHost, checkLogin, checkScopes } from './check-genesys.ts'
import { checkLedger, checkSchema, checkWriter } from './check-ledger.ts'
import { checkDisk, checkKeys, checkNode, checkSettings } from './check-place.ts'
import { checkUnsigned } from './check-webhook.ts'
import { readInstallation } from './installation.ts'
import type { Installation, InstallationDeps } from './installation.ts'
import { warn } from './line.ts'
import type { Finding } from './line.ts'
import { checkRoundTrip } from './round-trip.ts'
import type { Check } from './run-checks.ts'
import { checkSignedDelivery } from './signed-delivery.ts'
import type { KeyOptions } from './signed-delivery.ts'

export interface DoctorDeps extends InstallationDeps {
  readonly nodeVersion: string
  /** As in package.json. */
  readonly nodeMinimum: string
  readonly freeBytes: (path: string) => number
  readonly keys: KeyOptions
  readonly roundTrip: boolean
  /** Told before anything is kept or made that stays visible. */
  readonly say: (text: string) => void
  /** Runs what must not be cut off half-way: its signal is aborted when a person wants it to stop. */
  readonly uncut: <T>(run: (signal: AbortSignal) => Promise<T>) => Promise<T>
  /** How long the webhook of the round trip may take, in milliseconds. Default 30,000. */
  readonly roundTripMs?: number
}

/** All that is looked at, in the order in which a fault explains what comes after it. */
export async function doctorChecks(deps: DoctorDeps): Promise<readonly Check[]> {
  const installation = await readInstallation(deps)
  return [
    { name: 'node', look: () => checkNode(deps.nodeVersion, deps.nodeMinimum) },
    { name: 'settings', look: () => checkSettings(installation.problems) },
    ...placeChecks(installation, deps),
    ...genesysChecks(installation, deps),
    ...webhookChecks(installation, deps),
  ]
}

function placeChecks(
  { config, checkpointKey, verifierKey }: Installation,
  deps: DoctorDeps,
): readonly Check[] {
  const { database: file, checkpointFile, keysFolder } = config
  return [
    { name: 'keys', look: () => checkKeys(keysFolder, checkpointKey) },
    { name: 'schema', look: () => checkSchema(file) },
    { name: 'ledger', look: () => checkLedger({ file, checkpointFile, key: verifierKey }) },
    { name: 'writer', look: () => checkWriter(file) },
    { name: 'disk', look: () => checkDisk(nearestFolder(file), deps.freeBytes) },
  ]
}

function genesysChecks(
  { genesys, config, webhook, paths }: Installation,
  { manifest }: DoctorDeps,
): readonly Check[] {
  const { oauthScopes, maxEnabledFilters } = manifest.genesys
  if (!genesys) return [{ name: 'genesys', look: () => unset('how Genesys Cloud is reached') }]
  const { site } = genesys
  const toleranceS = webhook?.toleranceS ?? config.shorthand.toleranceS
  return [
    { name: 'genesys-host', look: () => checkHost(site) },
    { name: 'genesys-clock', look: async () => clockOf(site.apiHost, await site.greet(), toleranceS) },
    { name: 'genesys-login', look: () => checkLogin(site) },
    { name: 'genesys-scopes', look: () => checkScopes(site, oauthScopes) },
    {
      name: 'filters-api',
      look: () =>
        checkApi(site.token, site.filters, { path: paths.filters, setting: 'FILTER_LEDGER_FILTERS_PATH' }),
    },
    {
      name: 'subscriptions-api',
      look: () =>
        checkApi(site.token, site.subscriptions, {
          path: paths.subscriptions,
          setting: 'FILTER_LEDGER_SUBSCRIPTIONS_PATH',
        }),
    },
    { name: 'quota', look: () => checkQuota(site.filters, maxEnabledFilters) },
    {
      name: 'subscription',
      look: () =>
        webhook
          ? checkSubscription(site, {
              mode: config.subscriptionMode,
              address: webhook.subscribed.href,
              eventTypes: Object.keys(manifest.webhook.events),
            })
          : unset('the public URL'),
    },
  ]
}

function webhookChecks({ webhook, genesys, config }: Installation, deps: DoctorDeps): readonly Check[] {
  if (!webhook) return [{ name: 'public-url', look: () => unset('the public URL') }]
  const { url, source, sourceConfig, toleranceS, probe } = webhook
  const { keys, manifest, roundTrip, now, say, uncut, roundTripMs: waitMs = 30_000 } = deps
  const isSigned = keys.key !== undefined || keys.secret !== undefined
  return [
    { name: 'public-url', look: async () => checkUnsigned(url, await probe()) },
    { name: 'public-clock', look: async () => clockOf(url.host, await probe(), toleranceS) },
    {
      name: 'signed-delivery',
      look: () =>
        isSigned
          ? checkSignedDelivery(
              url,
              source,
              { keys, config: sourceConfig, signatureHeader: manifest.webhook.signatureHeader },
              deps,
            )
          : warn(
              'not tried',
              '`--key FILE` or `--secret env:NAME` sends a test event that your own key signs',
            ),
    },
    {
      name: 'round-trip',
      // Making and deleting have to be waited for, or a filter would stay.
      timeoutMs: waitMs + 90_000,
      look: () => {
        if (!roundTrip)
          return warn(
            'not tried',
            '`--round-trip` makes a disabled filter, waits for its webhook, and deletes it',
          )
        if (!genesys) return unset('how Genesys Cloud is reached')
        const { port } = genesys
        return uncut((signal) =>
          checkRoundTrip({
            port,
            address: webhook.subscribed.href,
            file: config.database,
            now,
            say,
            signal,
            waitMs,
          }),
        )
      },
    },
  ]
}

/** Whoever did not answer has a line already. */
function clockOf(whose: string, answer: Parameters<typeof checkUnsigned>[1], toleranceS: number): Finding {
  if ('unreachable' in answer) return warn(`not looked at: ${whose} does not answer`)
  return checkClock(whose, answer, toleranceS)
}

function unset(what: string): Finding {
  return warn(`not looked at: the settings do not say ${what}`, 'see the lines `settings`')
}

/** The folder that the ledger is in, or would be made in. */
function nearestFolder(file: string): string {
  let folder = dirname(file)
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}
