import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

// Below this the headers weigh more than what is saved.
const SMALLEST_BYTES = 1000
const text = /\.(js|css|html|svg|json)$/

/** Writes a `.br` and a `.gz` beside every text file of the build, so that the server compresses nothing itself. */
export function compressAssets(): Plugin {
  return {
    name: 'compress-assets',
    apply: 'build',
    async writeBundle({ dir = '.' }, bundle) {
      for (const file of Object.values(bundle)) {
        const content = Buffer.from(file.type === 'chunk' ? file.code : file.source)
        if (!text.test(file.fileName) || content.length <= SMALLEST_BYTES) continue
        const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } })
        await writeFile(join(dir, `${file.fileName}.br`), brotli)
        await writeFile(join(dir, `${file.fileName}.gz`), gzipSync(content, { level: 9 }))
      }
    },
  }
}
