// Write docs/client-matrix.md from what the run has seen (make interop).
import fs from 'node:fs'
import { page, pageFile, readRows } from '../lib/matrix.mjs'

fs.writeFileSync(pageFile, page(readRows()))
console.log(`${pageFile} is written`)
