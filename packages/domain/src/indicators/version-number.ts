const announced =
  /(?:\b(?:v|ver|version|versions|release|releases|build|builds|revision|firmware|update|patch|kernel|chrome|firefox|java|jdk|oid)[ .:#=-]{0,2}|[a-z]\/)$/i
const continued = /^\s*(?:,|;|\/|–|-|\||and|or|to|through|until|,\s*and|,\s*or)\s*$/i
const followed = /^\s+(?:build|beta|alpha|release|firmware|patch)\b/i

/**
 * Whether four numbers with dots, plainly written, count a version or a chapter: a word says so before or after
 * (`version 1.2.3.4`, `1.2.3.4 build`), they go on with a list of versions that ended at `versionEnd`, a part has a
 * leading zero, or each part is a single digit.
 */
export function isVersion(text: string, start: number, end: number, versionEnd: number): boolean {
  const written = text.slice(start, end)
  if (/^\d(?:\.\d){3}$/.test(written) || /(?:^|\.)0\d/.test(written)) return true
  if (announced.test(text.slice(Math.max(0, start - 20), start)) || followed.test(text.slice(end, end + 12)))
    return true
  return versionEnd >= 0 && start - versionEnd < 16 && continued.test(text.slice(versionEnd, start))
}
