package store

const edited = "SELECT id FROM posts WHERE editor_user_id = ?"
