class OrderMailer < ApplicationMailer
  def confirmation(order)
    @order = order
    mail(to: order.customer.email, subject: "Your order #{order.number}")
  end
end
