class Shipment < ApplicationRecord
  belongs_to :order

  def tracking_url
    "https://tracking.example.com/#{tracking_number}"
  end
end
