class Check
  def taken?(url)
    return true if Story.where(url: url).first.present? # want: db.first-for-existence
    if Story.find_by(url: url).nil? # want: db.first-for-existence
      return false
    end

    story = Story.find_by(url: url)
    story.nil?
  end
end
