/** Characters that show nothing: controls, zero-width, bidi controls, fillers, variation selectors, the tag block. */
const invisible = /(?:(?![\t\n\r])[\p{Cc}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb])+/gu

/** Typesetting that honest pages are full of: removed, but no sign of an intention. */
const typesetting = new Set(['\u00ad', '\ufeff'])

const emoji = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}#*0-9]$/u
const startsWithEmoji = /^\p{Extended_Pictographic}/u
/** Scripts in which a joiner between two letters changes how they are written. */
const joining =
  '\\p{Script=Arabic}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gujarati}\\p{Script=Gurmukhi}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Oriya}\\p{Script=Sinhala}\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Khmer}\\p{Script=Mongolian}'
const endsJoining = new RegExp(`[${joining}]$`, 'u')
const startsJoining = new RegExp(`^[${joining}]`, 'u')

/**
 * Removes the characters that a reader does not see and says how many there were. Emoji sequences and the joiners of
 * scripts that need them stay; lone surrogates become U+FFFD, so that the text can be stored.
 */
export function stripHidden(text: string): { text: string; count: number } {
  let count = 0
  const shown = text.replace(invisible, (run: string, at: number) => {
    const before = text.slice(Math.max(0, at - 2), at)
    const after = text.slice(at + run.length, at + run.length + 2)
    if (isWritten(run, before, after)) return run
    for (const character of run) if (!typesetting.has(character)) count += 1
    return ''
  })
  return { text: shown.toWellFormed(), count }
}

function isWritten(run: string, before: string, after: string): boolean {
  if (run === '\ufe0f' || run === '\ufe0e') return emoji.test(before)
  if (run === '\u200d' || run === '\ufe0f\u200d') {
    if (emoji.test(before) && startsWithEmoji.test(after)) return true
  }
  return (run === '\u200c' || run === '\u200d') && endsJoining.test(before) && startsJoining.test(after)
}
