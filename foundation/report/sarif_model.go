package report

// The part of the SARIF 2.1.0 object model that napkin writes (OASIS Standard, section 3). Field names
// and meanings are the standard's.

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool             sarifTool                `json:"tool"`
	AutomationID     *sarifAutomation         `json:"automationDetails,omitempty"`
	Invocations      []sarifInvocation        `json:"invocations,omitempty"`
	OriginalURIBases map[string]sarifArtifact `json:"originalUriBaseIds,omitempty"`
	ColumnKind       string                   `json:"columnKind"`
	Results          []sarifResult            `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name            string      `json:"name"`
	Version         string      `json:"version,omitempty"`
	SemanticVersion string      `json:"semanticVersion,omitempty"`
	Rules           []sarifRule `json:"rules"`
}

type sarifAutomation struct {
	ID string `json:"id"`
}

type sarifRule struct {
	ID               string        `json:"id"`
	Name             string        `json:"name,omitempty"`
	ShortDescription *sarifText    `json:"shortDescription,omitempty"`
	FullDescription  *sarifText    `json:"fullDescription,omitempty"`
	Help             *sarifText    `json:"help,omitempty"`
	HelpURI          string        `json:"helpUri,omitempty"`
	Default          *sarifDefault `json:"defaultConfiguration,omitempty"`
	Properties       *sarifRuleBag `json:"properties,omitempty"`
}

type sarifDefault struct {
	Level string `json:"level"`
}

type sarifRuleBag struct {
	Tags      []string `json:"tags,omitempty"`
	Precision string   `json:"precision,omitempty"`
	Severity  string   `json:"problem.severity,omitempty"`
}

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level   string    `json:"level"`
	Message sarifText `json:"message"`
}

type sarifArtifact struct {
	URI         string     `json:"uri,omitempty"`
	URIBaseID   string     `json:"uriBaseId,omitempty"`
	Description *sarifText `json:"description,omitempty"`
}

type sarifResult struct {
	RuleID              string             `json:"ruleId"`
	RuleIndex           int                `json:"ruleIndex"`
	Level               string             `json:"level"`
	Message             sarifText          `json:"message"`
	Locations           []sarifLocation    `json:"locations,omitempty"`
	RelatedLocations    []sarifLocation    `json:"relatedLocations,omitempty"`
	PartialFingerprints map[string]string  `json:"partialFingerprints,omitempty"`
	BaselineState       string             `json:"baselineState,omitempty"`
	Suppressions        []sarifSuppression `json:"suppressions,omitempty"`
	Fixes               []sarifFix         `json:"fixes,omitempty"`
	Properties          sarifResultBag     `json:"properties"`
}

// sarifResultBag carries what SARIF has no field for. The figures are the report's own.
type sarifResultBag struct {
	Evidence   string   `json:"evidence"`
	Confidence float64  `json:"confidence"`
	Severity   Severity `json:"severity"`
	Priority   float64  `json:"priority"`
	Effort     Effort   `json:"effort,omitempty"`
	Cost       string   `json:"cost,omitempty"`
	Holds      []Hold   `json:"holds,omitempty"`
}

type sarifLocation struct {
	ID       *int            `json:"id,omitempty"`
	Physical *sarifPhysical  `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical  `json:"logicalLocations,omitempty"`
	Message  *sarifPlainText `json:"message,omitempty"`
}

type sarifPlainText struct {
	Text string `json:"text"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifRegion struct {
	StartLine   int             `json:"startLine"`
	StartColumn int             `json:"startColumn,omitempty"`
	EndLine     int             `json:"endLine,omitempty"`
	EndColumn   int             `json:"endColumn,omitempty"`
	Snippet     *sarifPlainText `json:"snippet,omitempty"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Status        string `json:"status,omitempty"`
	Justification string `json:"justification,omitempty"`
}

type sarifFix struct {
	Description *sarifText    `json:"description,omitempty"`
	Changes     []sarifChange `json:"artifactChanges"`
}

type sarifChange struct {
	Artifact     sarifArtifact      `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifReplacement struct {
	Deleted  sarifRegion     `json:"deletedRegion"`
	Inserted *sarifPlainText `json:"insertedContent,omitempty"`
}
