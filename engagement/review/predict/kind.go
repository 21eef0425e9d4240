package predict

// Kind is a class of actions that do the same to a server of one version. Findings, hazards and the
// measured matrix meet in it.
type Kind string

// Kinds on PostgreSQL.
const (
	Nothing             Kind = "nothing" // settings, transactions, objects that are no tables
	Unknown             Kind = "unknown" // not recognised, or opaque
	AddColumnPlain      Kind = "add-column"
	AddColumnDefault    Kind = "add-column-default"          // a default that is the same for all rows
	AddColumnVolatile   Kind = "add-column-volatile-default" // computed for each row
	AddColumnSerial     Kind = "add-column-serial"           // also identity
	AddColumnStored     Kind = "add-column-generated-stored"
	AddColumnVirtual    Kind = "add-column-generated-virtual"
	AddColumnDomain     Kind = "add-column-constrained-domain"
	AddColumnCheck      Kind = "add-column-check"
	AddColumnNotNull    Kind = "add-column-not-null"
	AddColumnUnique     Kind = "add-column-unique"
	AddColumnFK         Kind = "add-column-references"
	AddColumnFKDefault  Kind = "add-column-references-default"
	DropColumnKind      Kind = "drop-column"
	TypeRewrite         Kind = "alter-type-rewrite"
	TypeReindex         Kind = "alter-type-reindex"
	TypeCheck           Kind = "alter-type-recheck"
	TypeFree            Kind = "alter-type-free"
	DefaultChange       Kind = "alter-default"
	SetNotNullScan      Kind = "set-not-null-scan"
	SetNotNullProved    Kind = "set-not-null-proved"
	DropNotNullKind     Kind = "drop-not-null"
	AddIdentityKind     Kind = "add-identity"
	SetExpression       Kind = "set-expression"
	ColumnOptionKind    Kind = "column-option"
	AddCheckScan        Kind = "add-check"
	AddCheckNotValid    Kind = "add-check-not-valid"
	AddFK               Kind = "add-foreign-key"
	AddFKNotValid       Kind = "add-foreign-key-not-valid"
	AddUnique           Kind = "add-unique"
	AddPrimary          Kind = "add-primary-key"
	AddExclude          Kind = "add-exclude"
	AddUsingIndex       Kind = "add-constraint-using-index"
	AddPrimaryUsingScan Kind = "add-primary-key-using-index-scan"
	AddNotNullNotValid  Kind = "add-not-null-not-valid"
	ValidateCheck       Kind = "validate-check"
	ValidateFK          Kind = "validate-foreign-key"
	DropConstraintKind  Kind = "drop-constraint"
	DropFK              Kind = "drop-foreign-key"
	AlterConstraintKind Kind = "alter-constraint"
	RenameTableKind     Kind = "rename-table"
	RenameColumnKind    Kind = "rename-column"
	RenameConstraint    Kind = "rename-constraint"
	RenameIndexKind     Kind = "rename-index"
	SetSchemaKind       Kind = "set-schema"
	SetTablespaceKind   Kind = "set-tablespace"
	SetLoggedKind       Kind = "set-logged"
	SetAccessMethodKind Kind = "set-access-method"
	StorageOptions      Kind = "storage-options"
	OwnerKind           Kind = "owner"
	TableFlag           Kind = "table-flag" // triggers, rules, row security, replica identity, cluster on, inherit
	TriggerStateKind    Kind = "trigger-state"
	AttachScan          Kind = "attach-partition-scan"
	AttachProved        Kind = "attach-partition-proved"
	AttachDefault       Kind = "attach-partition-default"
	DetachKind          Kind = "detach-partition"
	DetachConcurrently  Kind = "detach-partition-concurrently"
	PartitionOfKind     Kind = "create-partition"
	PartitionDefault    Kind = "create-partition-beside-default"
	CreateTableKind     Kind = "create-table"
	CreateTableFK       Kind = "create-table-references"
	CreateTableAsKind   Kind = "create-table-as"
	CreateIndexKind     Kind = "create-index"
	CreateIndexOnly     Kind = "create-index-on-only"
	CreateIndexConc     Kind = "create-index-concurrently"
	DropIndexKind       Kind = "drop-index"
	DropIndexConc       Kind = "drop-index-concurrently"
	ReindexKind         Kind = "reindex"
	ReindexConc         Kind = "reindex-concurrently"
	DropTableKind       Kind = "drop-table"
	DropViewKind        Kind = "drop-view"
	ReplaceViewKind     Kind = "replace-view"
	CreateViewKind      Kind = "create-view"
	CreateTriggerKind   Kind = "create-trigger"
	DropTriggerKind     Kind = "drop-trigger"
	CreatePolicyKind    Kind = "policy"
	CreateRuleKind      Kind = "rule"
	CreateStatsKind     Kind = "create-statistics"
	CommentKind         Kind = "comment"
	TruncateKind        Kind = "truncate"
	LockKind            Kind = "lock-table"
	VacuumKind          Kind = "vacuum"
	VacuumFullKind      Kind = "vacuum-full"
	ClusterKind         Kind = "cluster"
	AnalyzeKind         Kind = "analyze"
	RefreshKind         Kind = "refresh-matview"
	RefreshConc         Kind = "refresh-matview-concurrently"
	EnumAddValue        Kind = "enum-add-value"
	DomainConstraint    Kind = "domain-constraint"
	DomainNotValid      Kind = "domain-constraint-not-valid"
	InsertValues        Kind = "insert-values"
	InsertSelect        Kind = "insert-select"
	UpdateAll           Kind = "update-many"
	UpdateFew           Kind = "update-few"
	DeleteAll           Kind = "delete-many"
	DeleteFew           Kind = "delete-few"
	CopyKind            Kind = "copy"
)

// Kinds on MySQL and MariaDB.
const (
	MyInstant     Kind = "mysql-instant"
	MyIndex       Kind = "mysql-index"         // built in place, writes go on
	MyIndexShared Kind = "mysql-index-shared"  // FULLTEXT and SPATIAL: writes wait
	MyRebuild     Kind = "mysql-rebuild"       // in place, writes go on
	MyCopy        Kind = "mysql-copy"          // copies the table, writes wait
	MyForeignKey  Kind = "mysql-foreign-key"   // checked by a copy
	MyPartition   Kind = "mysql-partition"     // repartitioning copies all rows
	MyVarcharCopy Kind = "mysql-varchar-copy"  // crosses 255 bytes
	MyCharset     Kind = "mysql-charset"       // CONVERT TO
	MyDropPrimary Kind = "mysql-drop-primary"  // copies, writes wait
	MyMeta        Kind = "mysql-meta"          // in place, catalog only
	MyTruncate    Kind = "mysql-truncate"      // also DROP PARTITION
	MyOptimize    Kind = "mysql-optimize"      // OPTIMIZE TABLE, ENGINE=InnoDB
	MyStoredCol   Kind = "mysql-stored-column" // stored generated column
	MyNotNull     Kind = "mysql-not-null"
	MyEnum        Kind = "mysql-enum-reorder"
)
