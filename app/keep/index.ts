/** What the command line uses of this folder. */
export { keeperOf, fetchPack, hold, keep, lift, packOf, recordAccess, settle, verifyCopies } from './archive.ts'
export { StorageError } from './error.ts'
export { ARTIFACTS, openArchive, type OpenArchive } from './open.ts'
export { approvePurge, requestPurge, runPurge, tombstonePath } from './purge-run.ts'
export { OperatorError } from '../operator.ts'
