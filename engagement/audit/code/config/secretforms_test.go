package config

import (
	"slices"
	"strings"
	"testing"
)

func TestSecretsInOtherForms(t *testing.T) {
	const secret = "q16Zr8wK4tPx2m"
	for name, c := range map[string]struct{ file, text string }{
		"pass in compose":            {"docker-compose.yml", "      DB_PASS: \"" + secret + "\""},
		"pass in compose, bare":      {"docker-compose.yml", "      DB_PASS: " + secret},
		"pass in a list of settings": {"docker-compose.yml", "      - DB_PASS=" + secret},
		"pw in an env file":          {".env", "ADMIN_PW=" + secret},
		"passwd in YAML":             {"config/app.yml", "  passwd: " + secret},
		"a key in YAML":              {"config/app.yml", "  mailer_key: 9f" + secret + "77a"},
		"a key in an env file":       {".env.production", "MAPS_KEY=9f" + secret + "77a"},
		"flow map":                   {"k8s/web.yaml", "        - {name: DB_PASSWORD, value: " + secret + "}"},
		"flow map, pass":             {"k8s/web.yaml", "        - {name: DB_PASS, value: " + secret + "}"},
		"flow map, value first":      {"k8s/web.yaml", "        - { value: \"" + secret + "\", name: DB_PASSWORD }"},
		"map in JSON":                {"ecs.json", `"environment": [{"name": "DB_PASSWORD", "value": "` + secret + `"}]`},
		"map in JSON, several lines": {"ecs.json", "{\n  \"name\": \"DB_PASSWORD\",\n  \"value\": \"" + secret + "\"\n}"},
		"value above its name":       {"k8s/web.yaml", "- value: " + secret + "\n  name: DB_PASSWORD"},
		"next item of a list":        {"k8s/web.yaml", `        args: ["--token", "` + secret + `", "--port", "80"]`},
		"item on the next line":      {"k8s/web.yaml", "        args:\n        - --token\n        - " + secret},
		"next argument in source":    {"lib/run.rb", `system("curl", "--password", "` + secret + `")`},
		"comment in YAML":            {"docker-compose.yml", "# password: " + secret},
		"comment in source":          {"app/models/a.rb", "  # the old password: " + secret},
		"comment behind code":        {"main.go", "x := 1 // token = " + secret},
		"pw in source":               {"app/models/a.rb", "my_pw = '" + secret + "'"},
		"pass in source":             {"mail.ts", "  auth: { user: \"shop\", pass: \"" + secret + "\" },"},
		"literal in source":          {"app/models/a.rb", "stripe = \"" + secret + "9Yd3\""},
		"argument in source":         {"app/models/a.rb", "login(\"admin\", \"" + secret + "9Yd3\")"},
	} {
		got := strings.Join(MaskLines(c.file, strings.Split(c.text, "\n")), "\n")
		if strings.Contains(got, secret) || !strings.Contains(got, Mask) {
			t.Errorf("%s: %s", name, got)
		}
		if strings.Count(got, "\n") != strings.Count(c.text, "\n") {
			t.Errorf("%s: lines were lost", name)
		}
	}
}

func TestLookAlikesOfSecrets(t *testing.T) {
	for file, text := range map[string]string{
		"app/models/user.rb": `t.string "password_digest"
has_secure_password
token_url = "https://id.example.com/oauth/token"
validates :password, presence: true, length: { minimum: 12 }
# password: required, at least 12 characters
# token: string
primary_key = "order_id"
cache_key = "products/v2/list-of-2024"
foreign_key: "billing_address_id"
t.index ["customer_id", "number"], name: "index_orders_on_customer_id_and_number_2"
render "OrderConfirmationMailerV2TemplateForCustomers"
add_column :users, :reset_password_token, :string
checksum = "d41d8cd98f00b204e9800998ecf8427e"
id = "8c5f8ae0-2f66-4d3c-9e0b-0f9a6bb6d3f1"`,
		"config/app.yml": `pass: true
second_pass: 20
primary_key: id
sort_key: created_at
password_min_length: 12
token_url: https://id.example.com/oauth/token
# the password: ${DB_PASSWORD}
image: shop@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`,
		"nginx.conf":    "proxy_pass http://app:3000;\nfastcgi_pass unix:/run/php8.sock;",
		"k8s/web.yaml":  "- {name: RAILS_ENV, value: production}\n- {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}\n- --token\n- $(TOKEN)\n- value: production2\n- name: DB_PASSWORD",
		"web/client.ts": "if (!pass) return;\nconst pass = await bcrypt.compare(a, b);\nfetch(\"/api/v1/accounts/list2\", { pass: \"through\" });\nimport x from \"@scope/OrderList2Component/Index\";",
	} {
		lines := strings.Split(text, "\n")
		got := MaskLines(file, slices.Clone(lines))
		for i := range lines {
			if got[i] != lines[i] {
				t.Errorf("%s: %q became %q", file, lines[i], got[i])
			}
		}
	}
}
