import type { Entry, JsonObject } from '../entry/entry.ts'

/** What the fold of a decision reads of its entry. */
export type DecisionEntry = Pick<Entry, 'id' | 'occurredAt' | 'data'>

/** Members of an entry stand in this order, RFC 8785; a quote within a text has a backslash before it. */
const END = '"type":"block.recorded","v":1}'
const DATA = ',"data":{'
const AFTER_DATA = '},"entity":'
const ID = ',"id":"'
const ID_LENGTH = 36
const OCCURRED_AT = '","occurredAt":"'

/**
 * The parts of a stored decision, without parsing the rest of it: most entries of a large ledger are decisions, and
 * parsing them whole is the greatest part of a rebuild.
 *
 * @param text the canonical text of an entry
 * @returns undefined for any other entry, and for one that has to be parsed whole to be sure
 */
export function decisionOfText(text: string): DecisionEntry | undefined {
  if (!text.endsWith(END)) return undefined
  const data = text.indexOf(DATA)
  const dataEnd = text.indexOf(AFTER_DATA, data)
  const id = text.lastIndexOf(ID) + ID.length
  const time = id + ID_LENGTH + OCCURRED_AT.length
  if (data < 0 || dataEnd < data || !text.startsWith(OCCURRED_AT, id + ID_LENGTH)) return undefined
  try {
    return {
      id: text.slice(id, id + ID_LENGTH),
      occurredAt: text.slice(time, text.indexOf('"', time)),
      data: JSON.parse(text.slice(data + DATA.length - 1, dataEnd + 1)) as JsonObject,
    }
  } catch {
    // An object within the data ended before an `entity` of its own.
    return undefined
  }
}
