import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../manifest.ts'

/** The sections of a page of docs/ that are on rules: their Markdown, by the id of the rule. */
export function ruleHelp(page: string): ReadonlyMap<string, string> {
  return sectionsOf(readFileSync(join(packageRoot(), 'docs', page), 'utf8'))
}

/** The sections of a page under headings of the second level, by their headings. */
export function sectionsOf(page: string): ReadonlyMap<string, string> {
  const sections = page.split(/^## /m).slice(1)
  return new Map(
    sections.map((section) => {
      const end = section.indexOf('\n')
      return [section.slice(0, end).trim(), section.slice(end).trim()]
    }),
  )
}
