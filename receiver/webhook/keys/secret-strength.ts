/**
 * Secrets that stand in the documentation, the tests or the defaults of others: anybody can sign with them. Without
 * `whsec_`, so that nothing that looks for leaked secrets takes this list for one.
 */
const SAMPLES: ReadonlySet<string> = new Set([
  // Standard Webhooks and Svix
  'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  'C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
  'plJ3nmyCDGBKInavdOK15jsl',
  // GitHub, Slack, Probot, Shopify, Twilio
  "It's a Secret to Everybody",
  '8f742231b10e8888abcd99yyyzzz85a5',
  'development',
  'hush',
  '12345',
  // Everywhere
  'secret',
  'mysecret',
  'my-secret',
  'your-secret',
  'your_webhook_secret',
  'webhook-secret',
  'webhook_secret',
  'changeme',
  'change-me',
  'password',
  'test',
  'test-secret',
  'example',
])

/** Whether a secret is one that everybody knows. */
export function isSampleSecret(text: string): boolean {
  return SAMPLES.has(text.replace(/^whsec_/, ''))
}

/** Whether bytes are such as a person types, and no random source gives. */
export function isPattern(bytes: Buffer): boolean {
  return isRepeated(bytes) || hasEvenSteps(bytes) || new Set(bytes).size < 6
}

/** True when it is a shorter text, once and again; the last time may be cut. */
function isRepeated(bytes: Buffer): boolean {
  for (let period = 1; period <= bytes.length / 2; period++)
    if (bytes.subarray(period).equals(bytes.subarray(0, bytes.length - period))) return true
  return false
}

/** True for 0 1 2 3 … and the like. */
function hasEvenSteps(bytes: Buffer): boolean {
  const steps = bytes.subarray(1).map((byte, i) => byte - (bytes[i] ?? 0))
  return steps.every((step) => step === steps[0])
}
