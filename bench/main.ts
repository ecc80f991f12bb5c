import { benchIngest } from './ingest.ts'

const BENCHES: Readonly<Record<string, () => Promise<object>>> = { ingest: benchIngest }

const name = process.argv[2] ?? ''
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined
if (bench) process.stdout.write(`${JSON.stringify(await bench())}\n`)
else {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join(' | ')}\n`)
  process.exitCode = 2
}
