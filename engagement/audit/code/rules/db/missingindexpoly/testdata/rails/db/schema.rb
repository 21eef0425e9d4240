ActiveRecord::Schema[7.1].define(version: 2024_05_06_070809) do
  enable_extension "plpgsql"

  create_table "comments", force: :cascade do |t|
    t.string "commentable_type"
    t.bigint "commentable_id" # want: db.missing-index-poly
  end

  create_table "likes", force: :cascade do |t|
    t.string "likeable_type"
    t.bigint "likeable_id"
    t.index ["likeable_type", "likeable_id"], name: "index_likes_on_likeable"
  end

  create_table "installations", force: :cascade do |t|
    t.string "target_type"
    t.bigint "target_id"
  end
end
