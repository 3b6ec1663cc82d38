// Owner of the precompiled header that all files with coroutines share.
