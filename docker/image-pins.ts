import list from './images.json' with { type: 'json' }

export interface ImagePin {
  /** By which docker-compose.yml knows it. */
  variable: string
  /** `name:tag`; without a host it is Docker Hub's. */
  image: string
  /** `sha256:…` of the list of platforms, so that one holds for all of them; null until it was asked for. */
  digest: string | null
}

/** Every image that is used and not built here. */
export const imagePins: readonly ImagePin[] = list

/** `name:tag`, with `@sha256:…` when the digest is known. */
export const pinned = ({ image, digest }: ImagePin): string => (digest === null ? image : `${image}@${digest}`)

/** A file's text with every mention of the image as the pin says. */
export function pinText(text: string, pin: ImagePin): string {
  const mention = new RegExp(`(?<![\\w./]|\\w-)${RegExp.escape(pin.image)}(@sha256:[0-9a-f]{64})?(?![\\w.-])`, 'g')
  return text.replaceAll(mention, pinned(pin))
}
