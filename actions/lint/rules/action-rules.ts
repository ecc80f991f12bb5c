import { WITH_SPANS } from '../category-signals.ts'
import { eachFilter } from '../rule.ts'
import type { Rule } from '../rule.ts'

export const redactionWithoutSpan: Rule = {
  id: 'redaction-without-span',
  severity: 'error',
  title: 'Redaction where nothing can be redacted',
  why: 'Personal data and the links of phishing stand somewhere in a text and can be taken out. Hate, violence, self-harm, sexual and political content is what the whole text says.',
  check: eachFilter(({ config }) => {
    if (config.block_action !== 'redact_and_log') return []
    if (config.content_categories.some((category) => WITH_SPANS.includes(category))) return []
    const message = `nothing can be redacted for ${config.content_categories.join(', ')}: use block_and_log or flag_and_pass, or check ${WITH_SPANS.join(' or ')}`
    return [{ path: 'config.block_action', message }]
  }),
}

/** `hand-off: the crisis line's queue`, anywhere in the description. */
const HAND_OFF = /\bhand-?off:[^\S\n]*\S/i

export const selfHarmWithoutHandoff: Rule = {
  id: 'self-harm-without-handoff',
  severity: 'error',
  title: 'Self-harm is blocked, and nobody is named who takes over',
  why: 'A person who writes about self-harm and gets no answer is left alone. A block has to end at a human.',
  check: eachFilter(({ description, config }) => {
    if (config.block_action !== 'block_and_log' || !config.content_categories.includes('self_harm')) return []
    if (HAND_OFF.test(description ?? '')) return []
    const message =
      'self_harm is blocked and the description names no hand-off: write "hand-off: " and who takes over into it, or use flag_and_pass'
    return [
      { path: description === undefined ? 'config.content_categories.self_harm' : 'description', message },
    ]
  }),
}

export const firstDeploymentBlocks: Rule = {
  id: 'first-deployment-blocks',
  severity: 'warning',
  title: 'A new filter blocks from its first minute',
  why: 'How often a filter is wrong is not known before it has seen real traffic. What it blocks by mistake, nobody gets to see.',
  check: (filters, { live = [] }) => {
    const names = new Set(live.map((name) => name.normalize('NFC').trim()))
    return filters
      .filter(
        ({ name, enabled, config }) => enabled && config.block_action === 'block_and_log' && !names.has(name),
      )
      .map((filter) => ({
        filter,
        path: 'config.block_action',
        message:
          'a new filter that blocks at once: deploy it with flag_and_pass, look at its verdicts, and promote it then',
      }))
  },
}
