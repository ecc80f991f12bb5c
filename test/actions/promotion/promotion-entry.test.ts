import { breakGlassProblem } from '../../../actions/promotion/break-glass.ts'
import { decidePromotion } from '../../../actions/promotion/decide-promotion.ts'
import { promotionEntry } from '../../../actions/promotion/promotion-entry.ts'
import type { Promotion } from '../../../actions/promotion/promotion-entry.ts'
import type { Entry } from '../../../ledger/entry/entry.ts'
import { openTempLedger, removeTempFolders } from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

const granted = decidePromotion({ tp: 80, fp: 0, unclear: 2, tolerance: 0.05 })
const refused = decidePromotion({ tp: 12, fp: 0, unclear: 0, tolerance: 0.05 })

function promotion(changes: Partial<Promotion> = {}): Promotion {
  return {
    actor: { type: 'client', id: 'cli', onBehalfOf: 'user-7' },
    correlationId: 'c-1',
    organizationId: 'org-1',
    filterId: 'f-1',
    filterName: 'guard',
    filterVersion: 4,
    evidence: { digest: 'ab'.repeat(32), versions: [2, 4], unattributed: 3 },
    decision: granted,
    from: 'flag_and_pass',
    to: 'block_and_log',
    ...changes,
  }
}

describe('the receipt of a promotion', () => {
  test('holds who asked, the evidence and the decision', () => {
    expect(
      promotionEntry(promotion({ reason: 'pilot is over', ticketRef: 'SEC-9', deploymentId: 'd-1' })),
    ).toEqual({
      type: 'promotion.decided',
      actor: { type: 'client', id: 'cli', onBehalfOf: 'user-7' },
      entity: { type: 'filter', id: 'f-1', name: 'guard' },
      action: 'promote',
      status: 'SUCCESS',
      correlationId: 'c-1',
      organizationId: 'org-1',
      data: {
        filterId: 'f-1',
        filterVersion: 4,
        versions: [2, 4],
        evidenceDigest: 'ab'.repeat(32),
        unattributed: 3,
        n: 80,
        tp: 80,
        fp: 0,
        unclear: 2,
        bound: granted.bound,
        lower: 0,
        tolerance: 0.05,
        method: 'wilson-95-two-sided',
        granted: true,
        verdict: 'within',
        reviewsMissing: 0,
        from: 'flag_and_pass',
        to: 'block_and_log',
        reason: 'pilot is over',
        ticketRef: 'SEC-9',
        deploymentId: 'd-1',
      },
    })
  })

  test.each([
    ['SUCCESS', granted, false],
    ['FAILURE', refused, false],
    ['WARNING', refused, true],
    // What the evidence grants was not forced, whatever was asked for.
    ['SUCCESS', granted, true],
  ])('has the status %s', (status, decision, breakGlass) => {
    const entry = promotionEntry(promotion({ decision, breakGlass, reason: 'an attack is under way' }))
    expect(entry).toMatchObject({ status, data: { granted: decision.granted } })
    expect(entry.data['breakGlass']).toBe(breakGlass ? true : undefined)
  })

  test.each([undefined, '', 'too short'])('is not made for a break-glass with the reason %p', (reason) => {
    const forced = promotion({ decision: refused, breakGlass: true })
    expect(() => promotionEntry(reason === undefined ? forced : { ...forced, reason })).toThrow(TypeError)
  })

  test('is an entry that the ledger takes, with what is not known left out or null', async () => {
    const decision = decidePromotion({ tp: 0, fp: 0, unclear: 0, tolerance: undefined })
    const { actor } = promotion()
    const ledger = await openTempLedger()
    try {
      const { index } = await ledger.append({
        entry: promotionEntry({
          actor,
          filterId: 'f-1',
          evidence: { digest: undefined, versions: [] },
          decision,
          from: 'flag_and_pass',
          to: 'redact_and_log',
        }),
      })
      const stored = JSON.parse(ledger.reader.at(index)?.text ?? '') as Entry
      const { type, status, entity, data } = stored
      expect({ type, status, entity }).toEqual({
        type: 'promotion.decided',
        status: 'FAILURE',
        entity: { type: 'filter', id: 'f-1' },
      })
      expect(data).toEqual({
        filterId: 'f-1',
        versions: [],
        unattributed: 0,
        n: 0,
        tp: 0,
        fp: 0,
        unclear: 0,
        bound: null,
        lower: null,
        tolerance: null,
        method: 'wilson-95-two-sided',
        granted: false,
        verdict: 'undecided',
        reviewsMissing: null,
        from: 'flag_and_pass',
        to: 'redact_and_log',
      })
    } finally {
      await ledger.close()
    }
  })
})

describe('the reason of a break-glass', () => {
  test.each([
    ['is missing', undefined, /needs a reason/],
    ['is blank', ' \n\t ', /needs a reason/],
    ['has nine characters', '123456789', /has 9 of at least 10 characters/],
    ['has ten with white space around it', '  123456789  ', /has 9 of at least 10/],
    ['is stretched by white space', 'a          b', /has 3 of at least 10/],
    ['has nine characters in eighteen units', '\u{1F6A8}'.repeat(9), /has 9 of at least 10/],
    ['has no end', 'x'.repeat(1025), /longer than 1024/],
    ['holds an escape', 'attack \u001b[2J under way', /control characters/],
    ['holds half a character', 'attack under way \ud800', /control characters/],
  ])('is told what is wrong when it %s', (_, reason, problem) => {
    expect(breakGlassProblem(reason)).toMatch(problem)
    expect(breakGlassProblem(reason)).not.toMatch(/\n/)
  })

  test.each(['1234567890', 'an attack is under way', 'x'.repeat(1024), 'two lines\nof reasons'])(
    'may be %p',
    (reason) => {
      expect(breakGlassProblem(reason)).toBeUndefined()
    },
  )
})
