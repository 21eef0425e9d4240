class SearchClient
  def self.put(index, id, document)
    SEARCH.put("/#{index}/_doc/#{id}", document.to_json)
  end
end
