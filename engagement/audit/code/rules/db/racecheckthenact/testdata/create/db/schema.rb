ActiveRecord::Schema[7.1].define(version: 1) do
  create_table "tags", force: :cascade do |t|
    t.string "name"
    t.string "slug"
    t.index ["slug"], name: "index_tags_on_slug", unique: true
  end
end
