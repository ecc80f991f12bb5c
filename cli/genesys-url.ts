import type { EnvReader } from './env-reader.ts'

/** Region domains of Genesys Cloud by the names that its Terraform provider uses. */
const REGION_DOMAINS: Readonly<Record<string, string>> = {
  'us-east-1': 'mypurecloud.com',
  'us-east-2': 'use2.us-gov-pure.cloud',
  'us-west-2': 'usw2.pure.cloud',
  'ca-central-1': 'cac1.pure.cloud',
  'mx-central-1': 'mxc1.pure.cloud',
  'sa-east-1': 'sae1.pure.cloud',
  'eu-west-1': 'mypurecloud.ie',
  'eu-west-2': 'euw2.pure.cloud',
  'eu-central-1': 'mypurecloud.de',
  'eu-central-2': 'euc2.pure.cloud',
  'eusc-de-east-1': 'edee1.eusc-pure.cloud',
  'me-central-1': 'mec1.pure.cloud',
  'ap-south-1': 'aps1.pure.cloud',
  'ap-southeast-1': 'apse1.pure.cloud',
  'ap-southeast-2': 'mypurecloud.com.au',
  'ap-northeast-1': 'mypurecloud.jp',
  'ap-northeast-2': 'apne2.pure.cloud',
  'ap-northeast-3': 'apne3.pure.cloud',
}

/** The API root of the region, the gateway or the URL that the environment names. */
export function genesysUrl(reader: EnvReader): { baseUrl: URL; gateway: boolean } {
  const host = reader.text('GENESYSCLOUD_GATEWAY_HOST')
  if (host !== undefined) {
    const protocol = reader.text('GENESYSCLOUD_GATEWAY_PROTOCOL') ?? 'https'
    const port = reader.text('GENESYSCLOUD_GATEWAY_PORT')
    const text = `${protocol}://${host}${port === undefined ? '' : `:${port}`}`
    return { baseUrl: reader.url('GENESYSCLOUD_GATEWAY_*', text), gateway: true }
  }
  const region = reader.text('GENESYSCLOUD_REGION')
  if (region === undefined) {
    const base = reader.text('GENESYS_BASE_URL') ?? 'https://api.mypurecloud.com'
    return { baseUrl: reader.url('GENESYS_BASE_URL', base), gateway: false }
  }
  const name = region.toLowerCase().replaceAll('_', '-')
  const domain = Object.hasOwn(REGION_DOMAINS, name) ? REGION_DOMAINS[name] : undefined
  if (domain === undefined) {
    reader.problems.push(`GENESYSCLOUD_REGION must be one of ${Object.keys(REGION_DOMAINS).join(', ')}`)
  }
  return { baseUrl: new URL(`https://api.${domain ?? 'mypurecloud.com'}`), gateway: false }
}
