task :convert do
  offset = 0
  limit = 1000
  total = 100
  until offset > total # want: db.offset-pagination
    rows = ActiveRecord::Base.connection.select_rows "select count(id), day
      from downloads group by day limit #{limit} offset #{offset}"
    rows.each { |r| puts r }
    offset += limit
  end

  page = 0
  5.times { page += 1 }
end
