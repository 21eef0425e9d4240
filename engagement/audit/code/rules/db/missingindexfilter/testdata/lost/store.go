package store

const join = "JOIN blobs b ON (b.digest_md5 = i.digest OR b.digest_sha256 = i.digest)" // want: db.missing-index-filter
