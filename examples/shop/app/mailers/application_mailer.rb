class ApplicationMailer < ActionMailer::Base
  default from: "orders@shop.example"
  layout "mailer"
end
