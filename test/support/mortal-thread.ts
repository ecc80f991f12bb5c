import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { tempFolder, WRITER_THREAD } from './temp-ledger.ts'

/** The real thread, which dies of the order that holds the word. */
export function mortalThread(how: string): URL {
  const path = join(tempFolder(), 'mortal.mjs')
  writeFileSync(
    path,
    `import { parentPort } from 'node:worker_threads'
     parentPort.on('message', ({ texts = [] }) => { if (texts.some((text) => text.includes('poison'))) { ${how} } })
     await import('${WRITER_THREAD.href}')`,
  )
  return pathToFileURL(path)
}
