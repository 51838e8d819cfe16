package journal

// Weaken makes commits as SQLite's default does, which a power cut may take back.
func (j *Journal) Weaken() error {
	_, err := j.writer.Exec(`PRAGMA synchronous = NORMAL`)
	return err
}
