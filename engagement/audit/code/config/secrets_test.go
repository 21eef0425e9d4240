package config

import (
	"slices"
	"strings"
	"testing"
)

func TestMaskSecrets(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"url password", `DATABASE_URL=postgres://shop:s3cr3t@db:5432/shop`, `DATABASE_URL=postgres://shop:********@db:5432/shop`},
		{"redis url without user", `url: "redis://:pa55word@cache:6379/0"`, `url: "redis://:********@cache:6379/0"`},
		{"url password with a colon", `u = "amqp://a:b:c@mq/"`, `u = "amqp://a:********@mq/"`},
		{"env", `SECRET_KEY_BASE=0f9a8b7c6d5e`, `SECRET_KEY_BASE=********`},
		{"env in a list", `  - POSTGRES_PASSWORD=changeme`, `  - POSTGRES_PASSWORD=********`},
		{"export", `export STRIPE_API_KEY=abc`, `export STRIPE_API_KEY=********`},
		{"ruby keyword", `  password: "hunter2",`, `  password: "********",`},
		{"ruby hash", `"secret_token" => 'abcdef012345'`, `"secret_token" => '********'`},
		{"python keyword", `connect(host="db", password='hunter2', port=5432)`, `connect(host="db", password='********', port=5432)`},
		{"go", `	apiKey := "k-12345"`, `	apiKey := "********"`},
		{"constant", `private static final String CLIENT_SECRET = "QmFzZTY0";`, `private static final String CLIENT_SECRET = "********";`},
		{"json", `  "client_secret": "9f8e7d",`, `  "client_secret": "********",`},
		{"environment default", `ENV.fetch("DB_PASSWORD", "hunter2")`, `ENV.fetch("DB_PASSWORD", "********")`},
		{"getenv default", `os.getenv('API_TOKEN', 'tok123')`, `os.getenv('API_TOKEN', '********')`},
		{"hash access", `config["password"] = "hunter2"`, `config["password"] = "********"`},
		{"dsn", `db, err := sql.Open("postgres", "host=db user=shop password=hunter2 sslmode=disable")`,
			`db, err := sql.Open("postgres", "host=db user=shop password=******** sslmode=disable")`},
		{"query", `spring.datasource.url=jdbc:mysql://db/shop?user=u&password=p4ss&ssl=1`, `spring.datasource.url=jdbc:mysql://db/shop?user=u&password=********&ssl=1`},
		{"aws id", `key = AKIAIOSFODNN7EXAMPLE`, `key = ********`},
		{"aws secret", `aws_secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"`, `aws_secret_access_key = "********"`},
		{"github", `curl -H "Authorization: token ghp_0123456789abcdefghijABCDEFGHIJ012345"`, `curl -H "Authorization: token ********"`},
		{"stripe", `Stripe.api_key = x || sk_live_4eC39HqLyjWDarjtT1`, `Stripe.api_key = x || ********`},
		{"jwt", `t = eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U`, `t = ********`},
		{"bearer", `req.Header.Set("Authorization", "Bearer a1b2c3d4e5f6g7h8")`, `req.Header.Set("Authorization", "Bearer ********")`},
		{"basic", `Authorization: Basic dXNlcjpwYXNzd29yZDE=`, `Authorization: Basic ********`},
		{"pem on one line", `key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\n-----END RSA PRIVATE KEY-----"`, `key = "-----BEGIN RSA PRIVATE KEY-----********-----END RSA PRIVATE KEY-----"`},
		{"flag", `mysqldump --user=root --password=hunter2 shop`, `mysqldump --user=root --password=******** shop`},
		{"xml", `<password>hunter2</password>`, `<password>********</password>`},
		{"two in one line", `a(password: "x1", token: "y2")`, `a(password: "********", token: "********")`},
		{"yaml with digits", `  password: hunter2`, `  password: ********`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := MaskSecrets(tc.in); got != tc.want {
				t.Errorf("MaskSecrets(%q)\n got %q\nwant %q", tc.in, got, tc.want)
			}
			if once := MaskSecrets(tc.in); MaskSecrets(once) != once {
				t.Errorf("masking twice changes %q to %q", once, MaskSecrets(once))
			}
		})
	}
}

// Ordinary code must stay readable: a masked line of a finding hides the very thing it is about.
func TestMaskSecretsLeavesCode(t *testing.T) {
	for _, line := range []string{
		`user = User.find_by(token: params[:token])`,
		`password = params[:password]`,
		`secret_key = os.environ["SECRET_KEY"]`,
		`secret: process.env.CLIENT_SECRET,`,
		`token := generateToken(user)`,
		`if password == confirmation`,
		`validates :password, presence: true, length: { minimum: 8 }`,
		`t.string "password_digest", null: false`,
		`add_index :users, :reset_password_token, unique: true`,
		`password: password`,
		`password=password,`,
		`token: string;`,
		`password: String!`,
		`password text NOT NULL,`,
		`self.token = None`,
		`token_type = "bearer"`,
		`password_field = "user_password"`,
		`label(for: "password", text: "Password")`,
		`errors.add(:password, "is too short")`,
		`SECRET_KEY=${SECRET_KEY}`,
		`password: <%= ENV["DB_PASSWORD"] %>`,
		`password: {{ .Values.db.password }}`,
		`url: postgres://shop:${DB_PASSWORD}@db/shop`,
		`"postgres://#{user}:#{password}@#{host}/shop"`,
		`fmt.Sprintf("postgres://%s:%s@%s/%s", user, pass, host, name)`,
		`db.Query("SELECT id FROM users WHERE token=$1 AND active", token)`,
		`UPDATE users SET password=? WHERE id=?`,
		`http.Get("https://example.com:8443/path@2x.png")`,
		`image: registry.example.com/shop@sha256:4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865`,
		`git = "https://github.com/example/lib.git", rev = "0123456789abcdef0123456789abcdef01234567"`,
		`primary_key: "id"`,
		`key = "user:" + id`,
		`cache_key = "products/#{id}"`,
		`Authorization = "Bearer " + token`,
		`# the token expires after an hour`,
		`"csrf-token": "X-CSRF-Token"`,
		`import { token } from './auth'`,
		`before_action :verify_authenticity_token`,
		`redirect_to reset_password_path(token: @token)`,
		`orders.each do |order|`,
		`SELECT * FROM tokens WHERE id = 1`,
		`time.Sleep(5 * time.Second)`,
		`class PasswordResetToken < ApplicationRecord`,
		`secret_name: "db-credentials"`,
		`token == "x"`,
	} {
		if got := MaskSecrets(line); got != line {
			t.Errorf("masked ordinary code:\n  %s\n  %s", line, got)
		}
	}
}

func TestMaskLines(t *testing.T) {
	for _, tc := range []struct {
		name, file string
		in, want   []string
	}{
		{"pem block", "config/keys.yml",
			[]string{"key: |", "  -----BEGIN PRIVATE KEY-----", "  MIIEvQIBADANBg", "  kqhkiG9w0BAQEF", "  -----END PRIVATE KEY-----", "next: 1"},
			[]string{"key: |", "  -----BEGIN PRIVATE KEY-----", "  ********", "  ********", "  -----END PRIVATE KEY-----", "next: 1"}},
		{"excerpt inside a pem block", "id.txt",
			[]string{"kqhkiG9w0BAQEF", "-----END RSA PRIVATE KEY-----", "x = 1"},
			[]string{"********", "-----END RSA PRIVATE KEY-----", "x = 1"}},
		{"kubernetes env", "k8s/web.yaml",
			[]string{"- name: DB_PASSWORD", "  value: changeme", "- name: DB_HOST", "  value: changeme"},
			[]string{"- name: DB_PASSWORD", "  value: ********", "- name: DB_HOST", "  value: changeme"}},
		{"kubernetes secret ref stays", "k8s/web.yaml",
			[]string{"- name: DB_PASSWORD", "  valueFrom:", "    secretKeyRef:", "      name: shop", "      key: password"},
			[]string{"- name: DB_PASSWORD", "  valueFrom:", "    secretKeyRef:", "      name: shop", "      key: password"}},
		{"plain word in a configuration file", "config/database.yml",
			[]string{"production:", "  password: swordfish", "  pool: 5"},
			[]string{"production:", "  password: ********", "  pool: 5"}},
		{"redis requirepass", "redis.conf",
			[]string{"requirepass swordfish", "maxmemory 1gb"},
			[]string{"requirepass ********", "maxmemory 1gb"}},
		{"terraform expression stays", "db.tf",
			[]string{`  password = var.db_password`, `  password = random_password.db.result`, `  password = "swordfish"`},
			[]string{`  password = var.db_password`, `  password = random_password.db.result`, `  password = "********"`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := MaskLines(tc.file, tc.in); !slices.Equal(got, tc.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tc.want, "\n"))
			}
		})
	}
}

func FuzzMaskSecrets(f *testing.F) {
	f.Add("password: \"hunter2\"")
	f.Add("postgres://a:b@c")
	f.Add("-----BEGIN PRIVATE KEY-----\\nxx")
	f.Fuzz(func(t *testing.T, line string) {
		out := MaskSecrets(line)
		if strings.Count(out, "\n") > strings.Count(line, "\n") {
			t.Errorf("a line became several: %q", out)
		}
		in := strings.Split(line, "\n")
		if got := MaskLines("a.yml", in); len(got) != len(in) {
			t.Errorf("%d lines became %d", len(in), len(got))
		}
	})
}
