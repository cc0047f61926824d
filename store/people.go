package store

import (
	"context"
	"database/sql"
	"slices"

	"gorm.io/gorm"

	"handoff/workflow"
)

type personRow struct {
	ID       int64 `gorm:"primaryKey"`
	Name     string
	Class    string
	Roles    string
	Locale   string
	TimeZone string
	Details  string
}

func (personRow) TableName() string { return "people" }

type addressRow struct {
	Address  string `gorm:"primaryKey"`
	PersonID int64
	Position int
}

func (addressRow) TableName() string { return "addresses" }

func (r personRow) person(addresses []string) (workflow.Person, error) {
	roles, err := unlist[workflow.Role](r.Roles)
	p := workflow.Person{ID: r.ID, Name: r.Name, Class: workflow.Class(r.Class), Roles: roles, Addresses: addresses,
		Locale: r.Locale, TimeZone: r.TimeZone}
	if err == nil {
		err = undetail(r.Details, &p.PersonDetails)
	}
	return p, about(err, "person %d", r.ID)
}

const personColumns = "p.id, p.name, p.class, p.roles, p.locale, p.time_zone, p.details, o.address"

// Person is one person; workflow.NotFound if there is none.
func (v view) Person(ctx context.Context, id int64) (workflow.Person, error) {
	p, err := v.person(ctx, "SELECT "+personColumns+" FROM people p LEFT JOIN addresses o ON o.person_id = p.id"+
		" WHERE p.id = ? ORDER BY o.position", id)
	if err == nil && p.ID == 0 {
		return p, notFound("there is no person %d", id)
	}
	return p, err
}

// PersonByAddress is whose normalised address that is; workflow.NotFound if nobody's.
func (v view) PersonByAddress(ctx context.Context, address string) (workflow.Person, error) {
	p, err := v.person(ctx, "SELECT "+personColumns+" FROM addresses a JOIN people p ON p.id = a.person_id"+
		" JOIN addresses o ON o.person_id = p.id WHERE a.address = ? ORDER BY o.position", address)
	if err == nil && p.ID == 0 {
		return p, notFound("nobody here has the address %s", address)
	}
	return p, err
}

// person reads one person, a row for each address.
func (v view) person(ctx context.Context, query string, arg any) (workflow.Person, error) {
	var r personRow
	addresses := []string{}
	err := v.each(ctx, func(rows *sql.Rows) error {
		var address sql.NullString
		if err := rows.Scan(&r.ID, &r.Name, &r.Class, &r.Roles, &r.Locale, &r.TimeZone, &r.Details, &address); err != nil {
			return err
		}
		if address.Valid {
			addresses = append(addresses, address.String)
		}
		return nil
	}, query, arg)
	if err != nil || r.ID == 0 {
		return workflow.Person{}, err
	}
	return r.person(addresses)
}

// People lists all people by name.
func (v view) People(ctx context.Context) ([]workflow.Person, error) {
	return v.people(ctx, v.gorm(ctx).Order("name, id"))
}

// Colleagues are all internal people who have not left, by name.
func (v view) Colleagues(ctx context.Context) ([]workflow.Person, error) {
	people, err := v.people(ctx, v.gorm(ctx).Where("class = ?", string(workflow.Internal)).Order("name, id"))
	return slices.DeleteFunc(people, func(p workflow.Person) bool { return !p.LeftAt.IsZero() }), err
}

func (v view) people(ctx context.Context, query *gorm.DB) ([]workflow.Person, error) {
	var rows []personRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, v.failed(err)
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	addresses := map[int64][]string{}
	for ids := range slices.Chunk(ids, 500) {
		var owned []addressRow
		if err := v.gorm(ctx).Where("person_id IN ?", ids).Order("person_id, position").Find(&owned).Error; err != nil {
			return nil, v.failed(err)
		}
		for _, a := range owned {
			addresses[a.PersonID] = append(addresses[a.PersonID], a.Address)
		}
	}
	people := make([]workflow.Person, len(rows))
	for i, r := range rows {
		var err error
		if people[i], err = r.person(append([]string{}, addresses[r.ID]...)); err != nil {
			return nil, err
		}
	}
	return people, nil
}

// SavePerson adds (ID 0, then set) or rewrites a person; an address of somebody else gives workflow.Conflict.
func (s *Store) SavePerson(ctx context.Context, p *workflow.Person) error {
	given := p.ID
	return s.transact(ctx, func(t *tx) error {
		p.ID = given
		return t.SavePerson(ctx, p)
	})
}

// SavePerson is Store.SavePerson in this transaction.
func (t *tx) SavePerson(ctx context.Context, p *workflow.Person) error {
	for _, a := range p.Addresses {
		owner, err := t.PersonByAddress(ctx, a)
		switch {
		case err == nil && (p.ID == 0 || owner.ID != p.ID):
			return workflow.Errorf(workflow.Conflict, "the address %s belongs to %s already", a, owner.Name)
		case err != nil && workflow.CodeOf(err) != workflow.NotFound:
			return err
		}
	}
	roles, err := list(p.Roles)
	if err != nil {
		return err
	}
	details, err := detail(p.PersonDetails)
	if err != nil {
		return err
	}
	row := personRow{ID: p.ID, Name: cleaned(p.Name), Class: string(p.Class), Roles: roles, Locale: cleaned(p.Locale), TimeZone: cleaned(p.TimeZone),
		Details: cleaned(details)}
	if p.ID == 0 {
		if err := t.gorm(ctx).Create(&row).Error; err != nil {
			return about(t.failed(err), "add %s", p.Name)
		}
	} else {
		res := t.gorm(ctx).Select("*").Updates(&row)
		if res.Error != nil {
			return about(t.failed(res.Error), "save %s", p.Name)
		}
		if res.RowsAffected == 0 {
			return notFound("there is no person %d", p.ID)
		}
		if err := t.rouse(ctx, p.ID); err != nil {
			return about(err, "save %s", p.Name)
		}
		if err := t.gorm(ctx).Where("person_id = ?", p.ID).Delete(&addressRow{}).Error; err != nil {
			return about(t.failed(err), "save %s", p.Name)
		}
	}
	owned := make([]addressRow, len(p.Addresses))
	for i, a := range p.Addresses {
		owned[i] = addressRow{Address: cleaned(a), PersonID: row.ID, Position: i}
	}
	if len(owned) > 0 {
		if err := t.gorm(ctx).CreateInBatches(owned, inBatch).Error; err != nil {
			return about(t.failed(err), "addresses of %s", p.Name)
		}
	}
	p.ID = row.ID
	return nil
}
