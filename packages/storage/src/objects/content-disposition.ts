/**
 * The header value with which a browser saves a download under this name: RFC 6266 §4.1, with an ASCII stand-in for
 * readers that do not know the UTF-8 form of RFC 8187.
 */
export function contentDisposition(downloadName: string): string {
  const ascii = downloadName.replace(/[^\x20-\x7e]|["\\%]/gu, '_')
  const encoded = encodeURIComponent(downloadName).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}
