import { BundleError } from '../bundle-error.ts'

/**
 * Puts texts between the marks of a page: what stands from `<!-- made: NAME -->` to `<!-- end -->` is replaced.
 *
 * @throws BundleError for a mark without an end, or of a name that nothing is made for
 */
export function fillPage(page: string, made: Readonly<Record<string, string>>): string {
  const marks = page.match(/<!-- made: [^>]* -->/g) ?? []
  let filled = 0
  const text = page.replaceAll(/(<!-- made: ([a-z: -]+) -->\n)[^]*?(<!-- end -->)/g, (_, head, name, end) => {
    const body = Object.hasOwn(made, String(name)) ? made[String(name)] : undefined
    if (body === undefined)
      throw new BundleError('definition-invalid', `nothing is made for the mark "${name}"`)
    filled++
    return `${String(head)}\n${body.trimEnd()}\n\n${String(end)}`
  })
  if (filled !== marks.length)
    throw new BundleError('definition-invalid', 'a mark `<!-- made: … -->` of the page has no `<!-- end -->`')
  return text
}
