package template

func (t *Template) check() error { return nil }
