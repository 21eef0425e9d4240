ActiveRecord::Schema[7.1].define(version: 2024_01_01_000000) do
  create_table "posts" do |t|
    t.string "slug"
    t.text "body"
    t.boolean "draft"
  end
end
