package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"allhours/cloud"
	"allhours/cloud/internal/broker"
	"allhours/cloud/internal/mosquitto"
	"allhours/cloud/internal/signing"
	"allhours/protocol"
	"allhours/protocol/topic"
)

// brokerPasswordName is the file of keys/ with the password that the service signs in with at another broker.
const brokerPasswordName = "broker.password"

// minBrokerPassword in characters: what is kept of the password has no costs against guessing.
const minBrokerPassword = 32

// BrokerFiles says what Admin.BrokerFiles wrote.
type BrokerFiles struct {
	Folder  string // absolute
	Written []string
	Logins  int                  // cabinets that can sign in
	Old     []protocol.CabinetID // enrolled so long ago that mosquitto cannot check their password: they must be enrolled again
}

// BrokerFiles writes into a folder what mosquitto needs to serve this fleet on a port of one host, "" for all. Each file
// is replaced in one step, and only where it changes.
func (a *Admin) BrokerFiles(ctx context.Context, folder, host string, port int) (done BrokerFiles, err error) {
	if done.Folder, err = filepath.Abs(folder); err != nil {
		return done, fmt.Errorf("broker files: %w", err)
	}
	password, err := brokerPassword(a.data)
	if err != nil {
		return done, err
	}
	service := mosquitto.Login{User: broker.SelfUser, Kept: mosquitto.Hash([]byte(password))}
	cabinets, old, err := a.brokerLogins(ctx)
	if err != nil {
		return done, fmt.Errorf("broker files: %w", err)
	}
	done.Logins, done.Old = len(cabinets), old
	if err := os.MkdirAll(done.Folder, 0o750); err != nil {
		return done, fmt.Errorf("broker files: %w", err)
	}
	for _, file := range []struct {
		name string
		text []byte
	}{ // A login that is gone goes before its topics do.
		{mosquitto.PasswordName, mosquitto.Passwords(service, cabinets)},
		{mosquitto.ACLName, mosquitto.ACL(service, cabinets)},
		{mosquitto.ConfigName, mosquitto.Config(done.Folder, host, port)},
	} {
		written, err := mosquitto.Write(filepath.Join(done.Folder, file.name), file.text)
		if err != nil {
			return done, fmt.Errorf("broker files: %w", err)
		}
		if written {
			done.Written = append(done.Written, file.name)
		}
	}
	return done, nil
}

// brokerLogins are the enrolled cabinets, by their ids.
func (a *Admin) brokerLogins(ctx context.Context) (logins []mosquitto.Login, old []protocol.CabinetID, err error) {
	err = a.db.View(ctx, func(tx cloud.Tx) error {
		cabinets, err := tx.Cabinets.List()
		if err != nil {
			return err
		}
		for _, c := range cabinets {
			e, err := tx.Cabinets.Enrolment(c.ID)
			switch {
			case protocol.CodeOf(err) == cloud.CodeUnknownCabinet: // It is planned, and not enrolled.
			case err != nil:
				return err
			case !mosquitto.Readable(e.PasswordHash):
				old = append(old, c.ID)
			default:
				logins = append(logins, mosquitto.Login{
					User: string(c.ID), Kept: e.PasswordHash, Cabinet: topic.Address{Shard: e.Shard, Cabinet: c.ID},
				})
			}
		}
		return nil
	})
	slices.SortFunc(logins, func(a, b mosquitto.Login) int { return cmp.Compare(a.User, b.User) })
	slices.Sort(old)
	return logins, old, err
}

// brokerPassword is the service's own at another broker; it is made where there is none.
func brokerPassword(data string) (string, error) {
	raw, err := signing.Secret(filepath.Join(data, keysName, brokerPasswordName), func() ([]byte, error) {
		secret := make([]byte, 32)
		if _, err := rand.Read(secret); err != nil {
			return nil, err
		}
		return base64.RawURLEncoding.AppendEncode(nil, secret), nil
	})
	if err == nil && len(strings.TrimSpace(string(raw))) < minBrokerPassword {
		err = errors.New(brokerPasswordName + " is too short: want 32 characters or more, made by chance")
	}
	if err != nil {
		return "", fmt.Errorf("password at the broker: %w", err)
	}
	return strings.TrimSpace(string(raw)), nil
}
