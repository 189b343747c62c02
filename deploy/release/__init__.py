"""Makes a release: a folder with all that is needed to deploy a version without a toolchain."""
