package sms

import "ecnutd/internal/request"

// A Secret is a string that cannot be printed by accident.
type Secret = request.Secret

// NewSecret wraps a secret. Line breaks at its end, as editors leave them in files,
// are taken off.
func NewSecret(s string) Secret { return request.NewSecret(s) }
