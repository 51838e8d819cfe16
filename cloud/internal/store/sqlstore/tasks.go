package sqlstore

import (
	"encoding/json"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// tasksKept is how many tasks of one cabinet are kept with their results.
const tasksKept = 50

type tasks struct{ *session }

const taskColumns = `SELECT id, cabinet, kind, args, by_name, asked_ms, expires_ms, done_ms, reached_ms, code, detail, result IS NOT NULL FROM tasks`

func readTask(row scanner) (cloud.Task, error) {
	var t cloud.Task
	var args string
	err := row.Scan(idColumn{&t.ID}, &t.Cabinet, &t.Kind, &args, &t.By, timeColumn{&t.Asked}, timeColumn{&t.Expires}, timeColumn{&t.Done},
		timeColumn{&t.Reached}, &t.Code, &t.Detail, &t.Result)
	t.Args = json.RawMessage(args)
	return t, err
}

// Add implements cloud.TaskTable.
func (t tasks) Add(task cloud.Task) error {
	if _, err := t.exec(`INSERT INTO tasks (id, cabinet, kind, args, by_name, asked_ms, expires_ms) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		idText(task.ID), string(task.Cabinet), string(task.Kind), string(task.Args), task.By, ms(task.Asked), ms(task.Expires)); err != nil {
		return fmt.Errorf("add task %s: %w", task.ID, err)
	}
	if _, err := t.exec(`DELETE FROM tasks WHERE cabinet = ? AND id NOT IN (SELECT id FROM tasks WHERE cabinet = ? ORDER BY asked_ms DESC, id DESC LIMIT ?)`,
		string(task.Cabinet), string(task.Cabinet), tasksKept); err != nil {
		return fmt.Errorf("forget old tasks of %s: %w", task.Cabinet, err)
	}
	return nil
}

// Find implements cloud.TaskTable.
func (t tasks) Find(id protocol.UUID) (cloud.Task, error) {
	found, err := all(t.session, readTask, taskColumns+` WHERE id = ?`, idText(id))
	if err == nil && len(found) == 0 {
		err = protocol.Errorf(cloud.CodeNotFound, "task %s is not known", id)
	}
	if err != nil {
		return cloud.Task{}, err
	}
	return found[0], nil
}

// List implements cloud.TaskTable.
func (t tasks) List(cabinet protocol.CabinetID, waitAt time.Time, limit int) ([]cloud.Task, error) {
	switch {
	case waitAt.IsZero() && cabinet == "":
		return all(t.session, readTask, taskColumns+` ORDER BY asked_ms DESC, id DESC LIMIT ?`, limit)
	case waitAt.IsZero():
		return all(t.session, readTask, taskColumns+` WHERE cabinet = ? ORDER BY asked_ms DESC, id DESC LIMIT ?`, string(cabinet), limit)
	}
	return all(t.session, readTask, taskColumns+` WHERE done_ms = 0 AND expires_ms >= ? AND (cabinet = ? OR ? = '') ORDER BY asked_ms DESC, id DESC LIMIT ?`,
		ms(waitAt), string(cabinet), string(cabinet), limit)
}

// Reach implements cloud.TaskTable.
func (t tasks) Reach(id protocol.UUID, at time.Time) error {
	if _, err := t.exec(`UPDATE tasks SET reached_ms = ? WHERE id = ? AND reached_ms = 0`, ms(at), idText(id)); err != nil {
		return fmt.Errorf("task %s reached its cabinet: %w", id, err)
	}
	return nil
}

// End implements cloud.TaskTable.
func (t tasks) End(id protocol.UUID, code protocol.Code, detail string, result []byte, at time.Time) error {
	changed, err := t.exec(`UPDATE tasks SET code = ?, detail = ?, result = ?, done_ms = ? WHERE id = ? AND done_ms = 0`,
		string(code), detail, result, ms(at), idText(id))
	return exactlyOne(changed, err, "end task "+id.String())
}

// Result implements cloud.TaskTable.
func (t tasks) Result(id protocol.UUID) ([]byte, error) {
	var result []byte
	found, err := t.one(`SELECT result FROM tasks WHERE id = ? AND result IS NOT NULL`, []any{idText(id)}, &result)
	if err == nil && !found {
		err = protocol.Errorf(cloud.CodeNotFound, "task %s has no result", id)
	}
	return result, err
}
