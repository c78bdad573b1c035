/** Preloaded into every process the platform starts: when the platform is gone, however it went, so is the process. */
process.on('disconnect', () => process.exit(0))
process.channel?.unref()
