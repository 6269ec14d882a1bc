package postgres

// The queries of this file describe the table in $1, a quoted name. New is the table that
// takes its place, $2.

// tied are the things that would stay with the old table: what depends on it or on its row
// type in the catalog, and what the catalog notes elsewhere. A table's own constraints,
// indexes, defaults, types and identity sequences are made again
// (https://www.postgresql.org/docs/current/catalog-pg-depend.html).
const tied = `SELECT what FROM pg_class AS c CROSS JOIN LATERAL (
		SELECT coalesce((SELECT format('foreign key %s of %s to %s', conname, conrelid::regclass, confrelid::regclass)
				FROM pg_constraint WHERE d.classid = 'pg_constraint'::regclass AND oid = d.objid AND contype = 'f'),
			regexp_replace(pg_describe_object(d.classid, d.objid, d.objsubid), '^rule .* on (?=(materialized )?view)', '')) AS what
		FROM pg_depend AS d
		WHERE (d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
				OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (c.reltype, (SELECT typarray FROM pg_type WHERE oid = c.reltype)))
			AND NOT CASE d.classid
				WHEN 'pg_type'::regclass THEN d.objid IN (c.reltype, (SELECT typarray FROM pg_type WHERE oid = c.reltype))
				WHEN 'pg_class'::regclass THEN d.objid IN (c.oid, c.reltoastrelid) OR d.deptype = 'i' OR EXISTS (SELECT 1 FROM pg_index WHERE indexrelid = d.objid AND indrelid = c.oid)
				WHEN 'pg_attrdef'::regclass THEN EXISTS (SELECT 1 FROM pg_attrdef WHERE oid = d.objid AND adrelid = c.oid)
				WHEN 'pg_constraint'::regclass THEN EXISTS (SELECT 1 FROM pg_constraint WHERE oid = d.objid AND conrelid = c.oid AND contype <> 'f')
				WHEN 'pg_trigger'::regclass THEN EXISTS (SELECT 1 FROM pg_trigger WHERE oid = d.objid AND tgisinternal)
				ELSE d.classid = 'pg_publication_rel'::regclass END
		UNION SELECT 'the table ' || inhparent::regclass || ', whose child it is' FROM pg_inherits WHERE inhrelid = c.oid
		UNION SELECT 'its partitions' WHERE c.relkind = 'p'
		UNION SELECT 'the type ' || c.reloftype::regtype || ', which it is made of' WHERE c.reloftype <> 0
		UNION SELECT 'its row-level security' WHERE c.relrowsecurity OR c.relforcerowsecurity
		UNION SELECT 'publication ' || pubname FROM pg_publication AS p
			WHERE EXISTS (SELECT 1 FROM pg_get_publication_tables(p.pubname::text) AS pt WHERE pt.relid = c.oid)
		UNION SELECT 'subscription ' || s.subname FROM pg_subscription_rel AS r JOIN pg_subscription AS s ON s.oid = r.srsubid WHERE r.srrelid = c.oid
		UNION SELECT 'extension ' || e.extname FROM pg_depend AS d JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid
			WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'x')
		UNION SELECT 'a security label of ' || provider FROM pg_seclabel WHERE classoid = 'pg_class'::regclass AND objoid = c.oid
		UNION SELECT 'constraint ' || conname || ', which is not validated' FROM pg_constraint WHERE conrelid = c.oid AND NOT convalidated
		UNION SELECT 'index ' || indexrelid::regclass || ', which is not valid' FROM pg_index WHERE indrelid = c.oid AND NOT (indisvalid AND indisready AND indislive)
		UNION SELECT 'a grant by ' || grantor::regrole || ', who is not its owner'
			FROM (SELECT (aclexplode(relacl)).grantor FROM pg_class WHERE oid = c.oid
				UNION SELECT (aclexplode(attacl)).grantor FROM pg_attribute WHERE attrelid = c.oid AND NOT attisdropped) AS g WHERE grantor <> c.relowner
	) AS t WHERE c.oid = to_regclass($1)`

// listed ends tied, for people.
const listed = ` ORDER BY what COLLATE "C"`

// parts are the names of the indexes and of the sequences of identity columns.
const parts = `SELECT c.relname FROM pg_class AS c JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
			AND d.refclassid = d.classid AND d.refobjid = to_regclass($1) AND d.deptype = 'i' AND c.relkind = 'S'
		UNION SELECT c.relname FROM pg_class AS c JOIN pg_index AS i ON i.indexrelid = c.oid WHERE i.indrelid = to_regclass($1)`

// grants are the privileges on the table and its columns, without those of columns that the
// new table lacks.
const grants = `SELECT ' ' AS of, (aclexplode(coalesce(c.relacl, acldefault('r', c.relowner)))).* FROM pg_class AS c WHERE c.oid = to_regclass($1)
		UNION ALL SELECT a.attname, (aclexplode(a.attacl)).* FROM pg_attribute AS a JOIN pg_attribute AS n ON n.attrelid = to_regclass($2) AND n.attname = a.attname
			WHERE a.attrelid = to_regclass($1) AND a.attnum > 0`

// grantLines is a text of them.
const grantLines = `(SELECT coalesce(string_agg(concat_ws(' ', of, grantee, privilege_type, is_grantable), E'\n' ORDER BY of COLLATE "C", grantee, privilege_type), '') FROM (` + grants + `) AS g)`

// isSame is an SQL condition that is true if the catalog says the same of both tables, apart
// from their names and the names of their parts, which are unique in the schema.
const isSame = `(SELECT count(*) = 2 AND count(DISTINCT lines) = 1 FROM (SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C") AS lines FROM pg_class AS c CROSS JOIN LATERAL (
		SELECT concat_ws(' ', 'table', c.relpersistence, c.relam, c.reltablespace, c.relowner, c.relreplident, c.reloptions::text,
			(SELECT reloptions::text FROM pg_class WHERE oid = c.reltoastrelid), quote_nullable(obj_description(c.oid, 'pg_class'))) AS line
		UNION ALL SELECT concat_ws(' ', 'column', row_number() OVER (ORDER BY a.attnum), a.attname, ` + typeName + `, a.attnotnull, a.attidentity, a.attgenerated,
			a.attstorage, a.attcompression, nullif(a.attstattarget, -1), a.attoptions::text, pg_get_expr(d.adbin, d.adrelid), quote_nullable(col_description(a.attrelid, a.attnum)))
			FROM ` + columnSource + ` LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
			WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		UNION ALL SELECT concat_ws(' ', 'sequence', a.attname, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle, quote_nullable(obj_description(s.seqrelid, 'pg_class')),
			(SELECT string_agg(g::text, ',' ORDER BY g::text) FROM aclexplode(coalesce(q.relacl, acldefault('s', q.relowner))) AS g))
			FROM pg_attribute AS a JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
				AND d.classid = d.refclassid AND d.deptype = 'i' JOIN pg_sequence AS s ON s.seqrelid = d.objid JOIN pg_class AS q ON q.oid = s.seqrelid WHERE a.attrelid = c.oid
		UNION ALL SELECT concat_ws(' ', 'constraint', CASE WHEN k.conindid = 0 THEN k.conname END, pg_get_constraintdef(k.oid), quote_nullable(obj_description(k.oid, 'pg_constraint')))
			FROM pg_constraint AS k WHERE k.conrelid = c.oid
		UNION ALL SELECT concat_ws(' ', 'index', substr(pg_get_indexdef(i.indexrelid), length(` + indexPrefix + `)), i.indisunique, i.indisclustered, i.indisreplident, x.reltablespace,
			quote_nullable(obj_description(x.oid, 'pg_class')), (SELECT string_agg(attnum || ':' || attstattarget, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = x.oid AND attstattarget >= 0))
			FROM pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid
	) AS l WHERE c.oid IN (to_regclass($1), to_regclass($2)) GROUP BY c.oid) AS d)`

// indexPrefix is how PostgreSQL begins the definition of index x, of i in pg_index, with the
// table c.
const indexPrefix = `format('CREATE %sINDEX %I ON %I.%I ', CASE WHEN i.indisunique THEN 'UNIQUE ' END, x.relname, c.relnamespace::regnamespace::name, c.relname)`

// createNew is the statement that makes the new table. LIKE copies neither where a table is
// stored nor how (https://www.postgresql.org/docs/current/sql-createtable.html). Its indexes,
// sequences and statistics get names of their own, so the parts are made by themselves.
const createNew = `SELECT format('CREATE %sTABLE %s (LIKE %s INCLUDING ALL EXCLUDING INDEXES EXCLUDING IDENTITY EXCLUDING STATISTICS)%s%s%s',
		CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' END, $2::text, $1::text,
		(SELECT format(' USING %I', amname) FROM pg_am WHERE oid = c.relam AND amname <> 'heap'),
		(SELECT ' WITH (' || string_agg(name || ' = ' || quote_literal(value), ', ' ORDER BY name COLLATE "C") || ')' FROM (
			SELECT quote_ident(option_name) AS name, option_value AS value FROM pg_options_to_table(c.reloptions)
			UNION ALL SELECT 'toast.' || quote_ident(option_name), option_value FROM pg_class AS t, pg_options_to_table(t.reloptions) WHERE t.oid = c.reltoastrelid) AS o),
		(SELECT format(' TABLESPACE %I', spcname) FROM pg_tablespace WHERE oid = c.reltablespace))
	FROM pg_class AS c WHERE c.oid = to_regclass($1)`

// finishNew are the statements that give the new table what LIKE does not copy, whoever runs
// them. The owner comes first, since the grants are the owner's. Default privileges may give
// the new table grants that the old one lacks
// (https://www.postgresql.org/docs/current/sql-alterdefaultprivileges.html).
const finishNew = `SELECT does FROM pg_class AS c CROSS JOIN LATERAL (
		SELECT 1 AS place, '' AS sort, format('ALTER TABLE %s OWNER TO %I', $2::text, pg_get_userbyid(c.relowner)) AS does
		UNION ALL SELECT 2, '', format('COMMENT ON TABLE %s IS %L', $2::text, obj_description(c.oid, 'pg_class')) WHERE obj_description(c.oid, 'pg_class') IS NOT NULL
		UNION ALL SELECT 3, lpad(attnum::text, 5), format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s', $2::text, attname, attstattarget)
			FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attstattarget >= 0
		UNION ALL SELECT 4, lpad(attnum::text, 5), format('ALTER TABLE %s ALTER COLUMN %I SET (%s)', $2::text, attname,
				(SELECT string_agg(quote_ident(option_name) || ' = ' || quote_literal(option_value), ', ' ORDER BY option_name COLLATE "C") FROM pg_options_to_table(attoptions)))
			FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attoptions IS NOT NULL
		UNION ALL SELECT 5, grantee::text, format('REVOKE ALL ON %s FROM %s', $2::text, ` + grantee + `)
			FROM (SELECT DISTINCT g.grantee FROM pg_default_acl AS d, aclexplode(d.defaclacl) AS g
				WHERE d.defaclobjtype = 'r' AND d.defaclnamespace IN (0, c.relnamespace) AND g.grantee <> c.relowner
				UNION SELECT c.relowner WHERE NOT ` + ownerHasAll + `) AS g
		UNION ALL SELECT 6, grantee || ' ' || is_grantable, format('GRANT %s ON %s TO %s%s', string_agg(privilege_type, ', ' ORDER BY privilege_type), $2::text, ` + grantee + `, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END)
			FROM aclexplode(c.relacl) AS g WHERE g.grantee <> c.relowner OR NOT ` + ownerHasAll + ` GROUP BY grantee, is_grantable
		UNION ALL SELECT 7, lpad(attnum::text, 5) || g.grantee || is_grantable, format('GRANT %s ON %s TO %s%s',
				string_agg(format('%s (%I)', privilege_type, attname), ', ' ORDER BY privilege_type), $2::text, ` + grantee + `, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END)
			FROM pg_attribute AS a, aclexplode(a.attacl) AS g WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped GROUP BY attnum, attname, grantee, is_grantable
		UNION ALL SELECT 8, '', format('ALTER TABLE %s REPLICA IDENTITY %s', $2::text, CASE c.relreplident WHEN 'f' THEN 'FULL' ELSE 'NOTHING' END) WHERE c.relreplident IN ('f', 'n')
	) AS s WHERE c.oid = to_regclass($1) ORDER BY place, sort COLLATE "C"`

const grantee = `CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END`

// ownerHasAll is an SQL condition that is true if nobody has revoked a privilege of the owner
// of c.
const ownerHasAll = `(c.relacl IS NULL OR (SELECT count(*) FROM aclexplode(c.relacl) AS o WHERE o.grantee = c.relowner) = (SELECT count(*) FROM aclexplode(acldefault('r', c.relowner))))`

// sequenceParts are the sequences of identity columns, with the statements that make them
// (https://www.postgresql.org/docs/current/sql-altertable.html).
const sequenceParts = `SELECT q.relname, format('ALTER TABLE %s ALTER COLUMN %I ADD GENERATED %s AS IDENTITY (SEQUENCE NAME %I.%I START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s %s)',
			$2::text, a.attname, CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END, q.relnamespace::regnamespace::name, q.relname,
			s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END),
		(SELECT format('COMMENT ON SEQUENCE %I.%I IS %L', q.relnamespace::regnamespace::name, q.relname, obj_description(q.oid, 'pg_class')) WHERE obj_description(q.oid, 'pg_class') IS NOT NULL),
		(SELECT string_agg(does, E'\x1f' ORDER BY does COLLATE "C") FROM (
			SELECT format('GRANT %s ON SEQUENCE %I.%I TO %s%s', string_agg(privilege_type, ', ' ORDER BY privilege_type), q.relnamespace::regnamespace::name, q.relname, ` + grantee + `, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END) AS does
			FROM aclexplode(q.relacl) AS g WHERE g.grantee <> q.relowner GROUP BY grantee, is_grantable) AS g)
	FROM pg_attribute AS a JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.classid = d.refclassid AND d.deptype = 'i'
	JOIN pg_sequence AS s ON s.seqrelid = d.objid JOIN pg_class AS q ON q.oid = s.seqrelid
	WHERE a.attrelid = to_regclass($1) AND a.attidentity <> '' ORDER BY a.attnum`

// indexParts are the indexes, with the statements that make them. An exclusion constraint
// makes its own, and so does a key for periods.
const indexParts = `SELECT x.relname, i.indisunique OR i.indisexclusion, starts_with(def, prefix), concat_ws(E'\x1f',
		CASE WHEN i.indisexclusion THEN format('ALTER TABLE %s ADD CONSTRAINT %I %s', $2::text, k.conname, pg_get_constraintdef(k.oid))
			ELSE format('CREATE %sINDEX %I ON %s %s', CASE WHEN i.indisunique THEN 'UNIQUE ' END, x.relname, $2::text, substr(def, length(prefix) + 1)) END,
		CASE WHEN k.contype IN ('p', 'u') AND NOT i.indisexclusion THEN format('ALTER TABLE %s ADD CONSTRAINT %I %s USING INDEX %I%s', $2::text, k.conname,
			CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END, x.relname,
			CASE WHEN k.condeferrable THEN ' DEFERRABLE' || CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END END) END,
		(SELECT format('ALTER INDEX %I.%I SET TABLESPACE %I', c.relnamespace::regnamespace::name, x.relname, spcname) FROM pg_tablespace WHERE oid = x.reltablespace),
		(SELECT string_agg(format('ALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS %s', c.relnamespace::regnamespace::name, x.relname, attnum, attstattarget), E'\x1f' ORDER BY attnum)
			FROM pg_attribute WHERE attrelid = x.oid AND attstattarget >= 0),
		CASE WHEN obj_description(x.oid, 'pg_class') IS NOT NULL THEN format('COMMENT ON INDEX %I.%I IS %L', c.relnamespace::regnamespace::name, x.relname, obj_description(x.oid, 'pg_class')) END,
		CASE WHEN obj_description(k.oid, 'pg_constraint') IS NOT NULL THEN format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname, $2::text, obj_description(k.oid, 'pg_constraint')) END,
		CASE WHEN i.indisreplident THEN format('ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', $2::text, x.relname) END,
		CASE WHEN i.indisclustered THEN format('ALTER TABLE %s CLUSTER ON %I', $2::text, x.relname) END)
	FROM pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid JOIN pg_class AS c ON c.oid = i.indrelid
	LEFT JOIN pg_constraint AS k ON k.conindid = x.oid AND k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x')
	CROSS JOIN LATERAL (SELECT pg_get_indexdef(x.oid) AS def, ` + indexPrefix + ` AS prefix) AS p
	WHERE i.indrelid = to_regclass($1) ORDER BY i.indisprimary DESC, x.relname COLLATE "C"`
