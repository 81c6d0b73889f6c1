package journal

// syncFolder does nothing: Windows keeps by itself which files a folder has.
func syncFolder(string) error { return nil }
