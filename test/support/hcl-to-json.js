// Reads {name: HCL} from standard input and writes {name: JSON}. A process of its own: HashiCorp's parser is a Go
// program that never lets go of the event loop, and its types bring the browser's along.
import { text } from 'node:stream/consumers'
import { parse } from '@cdktf/hcl2json'

const files = Object.entries(JSON.parse(await text(process.stdin)))
const parsed = []
for (const [name, hcl] of files) parsed.push([name, await parse(name, hcl)])
process.stdout.write(JSON.stringify(Object.fromEntries(parsed)), () => process.exit())
