class IndexProductJob < ApplicationJob
  queue_as :low

  def perform(document)
    SearchClient.put("products", document["id"], document)
  end
end
